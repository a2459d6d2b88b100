import type { OpenDriver } from "./driver.js";

export const openOfficialV1: OpenDriver;
