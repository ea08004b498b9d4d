import "@fontsource-variable/inter";
import "@fontsource-variable/jetbrains-mono";
import "./app/tokens.css";
import "./app/base.css";
import { mount } from "svelte";
import App from "./app/App.svelte";
import { connect } from "./backend/backend";
import { host } from "./shared/host.svelte";

host.backend = await connect();
const target = document.getElementById("app");
if (target !== null) mount(App, { target });
