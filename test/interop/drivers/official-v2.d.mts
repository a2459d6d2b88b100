import type { OpenDriver } from "./driver.js";

export const openOfficialV2: OpenDriver;
