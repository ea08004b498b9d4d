/** The screen on the fixture, for looking at it with the development server: /src/test/page.html?rows=600, ?train for trainings */
import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "../app/tokens.css";
import "../app/base.css";
import { mount } from "svelte";
import App from "../app/App.svelte";
import { host } from "../shared/host.svelte";
import { Fixture } from "./fixture";
import { someTrainings, TrainFixture } from "./trainfixture";

const asked = new URLSearchParams(location.search);
const options = { rows: Number(asked.get("rows") ?? 600), beat: Number(asked.get("beat") ?? 60) };
host.backend = asked.has("train") ? Object.assign(new TrainFixture(options), { trainings: asked.get("train") === "none" ? [] : someTrainings() }) : new Fixture(options);
const target = document.getElementById("app");
if (target !== null) mount(App, { target });
