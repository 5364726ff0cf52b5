import "../common/base.css";
import "./pages.css";
import { startScale, startTheme } from "../common/prefs";

/** Plain pages (sign-in and the like): the reader's theme and size, nothing else. */
startTheme(document.documentElement.dataset.theme === "dark" ? "dark" : "light");
startScale();
