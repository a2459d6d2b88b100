import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { createSubject } from "./official-v2.mjs";

serveStdio(() => createSubject());
