import "./start";
import "../common/base.css";
import "./cameras.css";
import "./forms.css";
import "./work.css";
import "./review.css";
import "./app";
