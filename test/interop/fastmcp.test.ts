import { describePeer } from "./suite.js";

describePeer("fastmcp");
