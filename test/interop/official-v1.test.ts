import { describePeer } from "./suite.js";

describePeer("official v1");
