import { describePeer } from "./suite.js";

describePeer("everything");
