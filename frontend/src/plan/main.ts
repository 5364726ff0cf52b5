import "../common/base.css";
import "./plan.css";
import "./builder.css";
import "./answer.css";
import "./print.css";
import { startTheme } from "../common/prefs";
import { startLang } from "../i18n";
import "./app";

startTheme("light");
startLang();
