import "../common/base.css";
import "./desk.css";
import "./queue.css";
import "./case.css";
import "./forms.css";
import "./print.css";
import { startTheme } from "../common/prefs";
import { startLang } from "../i18n";
import "./app";

startTheme("light");
startLang();
