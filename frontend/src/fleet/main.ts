import "../common/base.css";
import "./fleet.css";
import "./list.css";
import "./dock.css";
import "./file.css";
import "./sheet.css";
import { startTheme } from "../common/prefs";
import { startLang } from "../i18n";
import "./app";

startTheme("dark");
startLang();
