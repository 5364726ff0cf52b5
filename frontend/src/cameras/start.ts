import { startTheme } from "../common/prefs";
import { startLang } from "../i18n";

// A module of its own, imported first: elements come to life as soon as they are defined.
startTheme("dark");
startLang();
