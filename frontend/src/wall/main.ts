import "./start";
import "../common/base.css";
import "../common/icon";
import "./app";
import "./wall.css";
import "./panels.css";
import "./overlays.css";
