/** The real window under a display of its own, driven through WebKit's own driver. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, readdirSync, readlinkSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Builder, By, Capabilities, until } from "selenium-webdriver";
import { program } from "../shared/place.mjs";

const SIZE = [1600, 1000];
const PATIENCE = 60_000;
const here = (name) => fileURLToPath(new URL(name, import.meta.url));

/** Two ports that nobody uses: held at the same time, so that they differ. */
async function freePorts() {
  const servers = [createServer(), createServer()];
  for (const server of servers) await once(server.listen(0, "127.0.0.1"), "listening");
  const ports = servers.map((server) => server.address().port);
  for (const server of servers) await new Promise((closed) => server.close(closed));
  return ports;
}

/** Ends a program and all that it started. WebKitWebDriver outlives a parent that is killed outright. */
async function endGroup(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  for (const signal of ["SIGTERM", "SIGKILL"]) {
    try {
      process.kill(-child.pid, signal);
    } catch {
      return;
    }
    if (await Promise.race([gone.then(() => true), sleep(4000, false)])) return;
  }
}

/** A screen that nobody sees. */
export class Display {
  name = "";
  #server = null;

  async start() {
    // The server itself takes a free number and says which.
    const server = spawn("Xvfb", ["-displayfd", "1", "-screen", "0", `${SIZE.join("x")}x24`, "-nolisten", "tcp"], { stdio: ["ignore", "pipe", "ignore"], detached: true });
    this.#server = server;
    const [number] = await once(createInterface(server.stdout), "line");
    this.name = `:${number}`;
    return this;
  }

  async close() {
    if (this.#server !== null) await endGroup(this.#server);
  }
}

/** A home folder, and the windows opened on it one after the other. */
export class Desk {
  home = mkdtempSync(join(tmpdir(), "mirante-window-"));
  driver = null;
  #display;
  #service = null;
  #noticed = join(this.home, "notices.txt");
  #tray = join(this.home, "tray.txt");
  #presses = join(this.home, "tray-press.txt");

  constructor(display) {
    this.#display = display;
  }

  #environment() {
    return { ...process.env, DISPLAY: this.#display.name, GDK_BACKEND: "x11", LANG: "en_US.UTF-8", LANGUAGE: "en", MIRANTE_HOME: this.home, NO_AT_BRIDGE: "1", LIBGL_ALWAYS_SOFTWARE: "1" };
  }

  /** Opens the window, on a file if one is named. */
  async open(...args) {
    const [port, nativePort] = await freePorts();
    const log = openSync(join(this.home, "driver.txt"), "a");
    const driver = process.env.TAURI_DRIVER ?? join(homedir(), ".cargo/bin/tauri-driver");
    // A message bus of its own: the window neither meets another Mirante nor waits for a bus that is not there.
    // On it, a service that takes down the notices, and a tray.
    for (const kept of [this.#noticed, this.#tray]) rmSync(kept, { force: true });
    const both = '/usr/bin/python3 "$0" >"$1" & /usr/bin/python3 "$2" "$3" >"$4" & shift 4; exec "$@"';
    const words = [here("notices.py"), this.#noticed, here("tray.py"), this.#presses, this.#tray, driver, "--port", String(port), "--native-port", String(nativePort)];
    this.#service = spawn("dbus-run-session", ["--", "sh", "-c", both, ...words], { stdio: ["ignore", log, log], detached: true, env: this.#environment() });
    const capabilities = new Capabilities({ browserName: "wry", "tauri:options": { application: program("mirante-desktop"), args } });
    let last = null;
    for (const late = Date.now() + PATIENCE; ; await sleep(50)) {
      try {
        if ((await fetch(`http://127.0.0.1:${port}/status`)).ok) break;
      } catch (error) {
        last = error;
      }
      if (Date.now() > late) throw new Error(`tauri-driver does not answer; see ${this.home}/driver.txt`, { cause: last });
    }
    for (const kept of [this.#noticed, this.#tray]) while (!this.#taken(kept).includes("ready")) await sleep(20);
    this.driver = await new Builder().usingServer(`http://127.0.0.1:${port}`).withCapabilities(capabilities).build();
    await this.driver.wait(until.elementLocated(By.css("[data-testid=rail-data]")), PATIENCE);
  }

  /** Closes the window as the person does, and the driver with it. */
  async close() {
    await this.driver?.quit().catch(() => {});
    this.driver = null;
    if (this.#service !== null) await endGroup(this.#service);
    this.#service = null;
  }

  /** Asks the window to close, as the cross in its corner does; the program may go on. */
  async closeWindow() {
    const [window] = await this.#titled("Mirante|.* · Mirante");
    const child = spawn("/usr/bin/python3", [here("close.py"), window], { env: this.#environment(), stdio: "inherit" });
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error("the window could not be asked to close");
  }

  /** Whether its window is on the screen. */
  async isShown() {
    return (await this.#titled("Mirante|.* · Mirante")).length > 0;
  }

  /** Waits until the window is on the screen, or is not. */
  async shows(wanted) {
    for (const late = Date.now() + PATIENCE; (await this.isShown()) !== wanted; await sleep(50)) {
      if (Date.now() > late) throw new Error(`the window is ${wanted ? "not" : "still"} shown`);
    }
  }

  /** The process of the window, to be asked later whether it runs. */
  process() {
    const pid = this.#pid();
    return { runs: () => this.#alive(pid) };
  }

  /** Starts Mirante once more, as a click on its icon or on a file would, and gives its exit code. */
  async startAgain(...args) {
    const environment = readFileSync(`/proc/${this.#pid()}/environ`, "utf8").split("\0");
    const bus = environment.find((one) => one.startsWith("DBUS_SESSION_BUS_ADDRESS=")).slice("DBUS_SESSION_BUS_ADDRESS=".length);
    const child = spawn(program("mirante-desktop"), args, { env: { ...this.#environment(), DBUS_SESSION_BUS_ADDRESS: bus }, stdio: "ignore" });
    const [code] = await once(child, "close");
    return code;
  }

  /** Ends the window's process as a crash or a power cut would. */
  async crash() {
    const pid = this.#pid();
    process.kill(pid, "SIGKILL");
    while (this.#alive(pid)) await sleep(20);
    await this.close();
  }

  async forget() {
    await this.close();
    rmSync(this.home, { recursive: true, force: true });
  }

  /** The window's process: the one that runs the program on this home. */
  #pid() {
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      try {
        if (readlinkSync(`/proc/${pid}/exe`) !== program("mirante-desktop")) continue;
        if (readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`MIRANTE_HOME=${this.home}`)) return Number(pid);
      } catch {
        // It ended while being looked at, or is another user's.
      }
    }
    throw new Error("the window's process is not there");
  }

  #alive(pid) {
    try {
      return !readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
    } catch {
      return false;
    }
  }

  /** The element of a test id, once it is there. */
  async find(testid) {
    try {
      return await this.driver.wait(until.elementLocated(By.css(`[data-testid="${testid}"]`)), PATIENCE);
    } catch (error) {
      throw new Error(`nothing is ${testid}; the screen says ${JSON.stringify(await this.#says())}`, { cause: error });
    }
  }

  /** All that stands on the screen, to tell why something does not. */
  async #says() {
    return this.driver.executeScript("return document.body.innerText").catch((error) => `nothing: ${error.message}`);
  }

  async all(testid) {
    return this.driver.findElements(By.css(`[data-testid="${testid}"]`));
  }

  async click(testid) {
    await this.driver.wait(
      async () => {
        try {
          const element = await this.find(testid);
          if (!(await element.isEnabled())) return false;
          await element.click();
          return true;
        } catch (error) {
          if (/StaleElement|ElementNotInteractable|ElementClickIntercepted/.test(error.name)) return false;
          throw error;
        }
      },
      PATIENCE,
      `${testid} cannot be clicked`,
    );
  }

  /** Waits until what a test id shows matches, and gives it. */
  async reads(testid, pattern, patience = PATIENCE) {
    let text = "";
    try {
      await this.driver.wait(async () => {
        text = await this.driver.executeScript("return document.querySelector(arguments[0])?.innerText ?? ''", `[data-testid="${testid}"]`);
        return pattern.test(text);
      }, patience);
    } catch (error) {
      throw new Error(`${testid} reads ${JSON.stringify(text)}, not ${pattern}`, { cause: error });
    }
    return text;
  }

  /** Waits until as many are there. */
  async counts(testid, count, patience = PATIENCE) {
    await this.driver.wait(async () => (await this.all(testid)).length === count, patience, `never ${count} of ${testid}`);
  }

  /** A picture of the page as it stands: what was drawn before two frames ago is in it. */
  async picture() {
    await this.driver.executeAsyncScript("const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done)))");
    return Buffer.from(await this.driver.takeScreenshot(), "base64");
  }

  /** The desktop notices until now, each its title and its text. */
  notices() {
    return this.#taken(this.#noticed).filter((one) => one !== "ready");
  }

  /** The lines of the menu of its icon in the tray, each its text and whether it can be pressed; null without one. */
  tray() {
    const last = this.#taken(this.#tray).at(-1);
    return last === "ready" ? null : last;
  }

  /** Presses a line of that menu. */
  pressTray(text) {
    writeFileSync(`${this.#presses}.new`, text);
    renameSync(`${this.#presses}.new`, this.#presses);
  }

  /** What a service has written until now, without a line that is still being written. */
  #taken(file) {
    if (!existsSync(file)) return [];
    return readFileSync(file, "utf8").split("\n").slice(0, -1).map((line) => JSON.parse(line));
  }

  /** Runs xdotool on this desk's display and gives what it says. */
  async #hands(...words) {
    const child = spawn("xdotool", words.map(String), { env: this.#environment(), stdio: ["ignore", "pipe", "ignore"] });
    let said = "";
    child.stdout.on("data", (bytes) => (said += bytes));
    const [code] = await once(child, "close");
    if (code !== 0) throw new Error(`xdotool ${words.join(" ")} ended with ${code}`);
    return said.trim();
  }

  /** Windows on the display with that title. */
  async #titled(title) {
    const said = await this.#hands("search", "--onlyvisible", "--name", `^${title}$`).catch(() => "");
    return said.split("\n").filter(Boolean);
  }

  /** Looks at the window, or at nothing: the pointer out of it, the keyboard on the bare screen. */
  async attend(here) {
    if (!here) await this.#hands("mousemove", SIZE[0] - 5, SIZE[1] - 5);
    const [window] = here ? await this.#titled("Mirante|.* · Mirante") : [await this.#hands("search", "--maxdepth", 0, "--name", "")];
    await this.#hands("windowfocus", window);
    await this.driver.wait(async () => (await this.driver.executeScript("return document.hasFocus()")) === here, PATIENCE, `the focus is ${here ? "not" : "still"} here`);
  }

  /** Answers the system's dialog for a place to save, by keyboard: a path in ASCII, or null to leave it. */
  async saveAs(path) {
    let dialog;
    try {
      await this.driver.wait(async () => ([dialog] = await this.#titled("Save File")) && dialog !== undefined, PATIENCE);
    } catch (error) {
      throw new Error(`no dialog asks where to save; the screen says ${JSON.stringify(await this.#says())}`, { cause: error });
    }
    const gone = async () => (await this.#titled("Save File")).length === 0;
    // A dialog that has only just opened may miss the first keys: then they are pressed again.
    for (const late = Date.now() + PATIENCE; !(await gone()); ) {
      if (Date.now() > late) throw new Error("the dialog for a place to save does not close");
      try {
        await this.#hands("windowfocus", dialog);
        if (path === null) await this.#hands("key", "Escape");
        else {
          await this.#hands("key", "ctrl+a");
          await this.#hands("type", "--delay", 5, path);
          await this.#hands("key", "Return");
        }
      } catch (error) {
        if (!(await gone())) throw error;
      }
      for (let i = 0; i < 30 && !(await gone()); i += 1) await sleep(100);
    }
  }

  /** Drags a file onto the middle of the window by mouse, from a window beside it. */
  async dropNatively(path) {
    const python = spawn("/usr/bin/python3", [here("drag.py"), path, String(SIZE[0] - 120), "40"], { stdio: ["ignore", "pipe", "inherit"], env: this.#environment() });
    const told = createInterface(python.stdout)[Symbol.asyncIterator]();
    const say = async (word) => {
      const { value, done } = await told.next();
      if (done || value !== word) throw new Error(`the dragged file said ${value}, not ${word}`);
    };
    const mouse = async (...words) => {
      await this.#hands(...words);
      await sleep(40);
    };
    try {
      await say("ready");
      const [fromX, fromY] = [SIZE[0] - 80, 80];
      await mouse("mousemove", fromX, fromY);
      await mouse("mousedown", 1);
      for (const step of [5, 10, 15, 20, 25, 30]) await mouse("mousemove", fromX - step, fromY + step);
      await say("began");
      const [toX, toY] = [520, 420];
      for (let i = 1; i <= 8; i += 1) await mouse("mousemove", Math.round(fromX + ((toX - fromX) * i) / 8), Math.round(fromY + ((toY - fromY) * i) / 8));
      // Moved until the window has seen it: a drop that nobody expects is refused.
      for (let i = 0; (await this.all("drop-overlay")).length === 0; i += 1) {
        if (i === 200) throw new Error("the window does not see what is dragged over it");
        await mouse("mousemove", toX + (i % 3), toY + (i % 3));
      }
      await mouse("mouseup", 1);
      await say("ended");
    } finally {
      python.kill();
    }
  }
}
