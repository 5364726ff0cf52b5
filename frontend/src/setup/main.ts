import "./start";
import "../common/base.css";
import "./setup.css";
import "./forms.css";
import "./year.css";
import "./app";
