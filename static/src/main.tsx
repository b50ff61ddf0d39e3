import { render } from "preact";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/shell.css";
import "./styles/signed-out.css";
import "./styles/library.css";
import "./styles/uploads.css";
import { App } from "./app";
import { startRouter } from "./router";
import { followOtherTabs, restore } from "./session";
import { startShortcuts } from "./ui/shortcuts";

startRouter();
startShortcuts();
followOtherTabs();
void restore();
render(<App />, document.getElementById("app") as HTMLElement);
