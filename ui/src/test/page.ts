/** The screen on the fixture, for looking at it with the development server: /src/test/page.html?rows=600 */
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "../app/tokens.css";
import "../app/base.css";
import { mount } from "svelte";
import App from "../app/App.svelte";
import { host } from "../shared/host.svelte";
import { Fixture } from "./fixture";

const asked = new URLSearchParams(location.search);
host.backend = new Fixture({ rows: Number(asked.get("rows") ?? 600), beat: Number(asked.get("beat") ?? 60) });
const target = document.getElementById("app");
if (target !== null) mount(App, { target });
