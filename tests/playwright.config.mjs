import { defineConfig } from "@playwright/test";
import { CHROMIUM_FLAGS, chromium } from "./shared/place.mjs";

export default defineConfig({
  testDir: "browser",
  outputDir: "browser/test-results",
  timeout: 150_000,
  // A busy machine is slow; what is waited for ends the wait.
  expect: { timeout: 30_000 },
  forbidOnly: true,
  // Two cores: journeys that run side by side make each other's timings meaningless.
  workers: 1,
  reporter: [["list"]],
  use: {
    browserName: "chromium",
    locale: "pt-BR",
    timezoneId: "America/Sao_Paulo",
    viewport: { width: 1280, height: 800 },
    // A colour in the middle of its change is neither of the two that are looked at.
    contextOptions: { reducedMotion: "reduce" },
    screenshot: "only-on-failure",
    trace: "retain-on-failure",
    launchOptions: { executablePath: chromium(), args: CHROMIUM_FLAGS },
  },
});
