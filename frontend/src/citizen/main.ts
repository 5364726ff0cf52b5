import "../common/base.css";
import "./citizen.css";
import "./flow.css";
import "./follow.css";
import "./browse.css";
import "../environment/citynow.css";
import { startTheme } from "../common/prefs";
import { startLang } from "../i18n";
import "./app";
import "../environment/citynow";
import "./follow";
import { installShell } from "./shell";

startTheme("light");
startLang();
installShell();
