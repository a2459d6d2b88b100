import { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
import { createSubject } from "./official-v1.mjs";

await createSubject().connect(new StdioServerTransport());
