/** Places that arguments, the directory and the program name: outside of the home, or where secrets lie. */

import { homedir, tmpdir } from "node:os";
import { resolve, sep } from "node:path";
import { caution, danger, distinct, type Finding } from "./contract.js";

/** Folders and files whose content opens other doors, as they are below a home. */
const SENSITIVE =
  /(?:^|[\\/])(?:\.ssh|\.gnupg|\.aws|\.azure|\.kube|\.docker|\.config[\\/]gcloud|\.netrc|\.npmrc|\.pypirc|\.git-credentials|\.password-store|\.env(?:\.\w+)?|\.bash_history|\.zsh_history|Keychains|Login Data|\.mozilla|\.config[\\/](?:google-chrome|chromium)|wallet\.dat|id_(?:rsa|ed25519|ecdsa)|shadow|sudoers)(?:[\\/]|$|:)/i;

/** Folders that anyone can write to: what lies there may be somebody else's by the time it runs. */
const SHARED = [tmpdir(), "/tmp", "/var/tmp", "/dev/shm"];

/** What is a path: it begins like one, or leads upwards. */
const PATH = /^(?:[\\/]|[a-z]:[\\/]|~[\\/]?)|(?:^|[\\/])\.\.(?:[\\/]|$)/i;

/** Looks at one part that may hold paths. */
export function inspectPlaces(text: string, part: string): Finding[] {
  const found: Finding[] = [];
  if (SENSITIVE.test(text)) found.push(danger("sensitive-place", part, "Keys, passwords or the like are kept there."));
  for (const path of new Set(pathsIn(text))) {
    const full = resolve(homedir(), path);
    if (full === resolve("/") || /^[a-z]:[\\/]?$/i.test(path))
      found.push(danger("everything", part, "This is the whole disk."));
    else if (full === homedir()) found.push(caution("whole-home", part, "This is all of your home folder."));
    else if (!isBelow(full, homedir()))
      found.push(caution("outside-home", part, "This is outside of your home folder."));
    if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path))
      found.push(caution("climbs", part, "This leads upwards (`..`) to somewhere else."));
  }
  return distinct(found);
}

/** Looks at where the program lies; those that are found by name are where the system has them. */
export function inspectProgramPlace(command: string, part: string, cwd = ""): Finding[] {
  if (!/[\\/]/.test(command)) return [];
  const found: Finding[] = [];
  const shared = SHARED.some((folder) => isBelow(resolve(homedir(), cwd, command), folder));
  if (shared || /[\\/](?:Downloads|Temp|AppData[\\/]Local[\\/]Temp)[\\/]/i.test(command))
    found.push(danger("shared-place", part, "The program lies where downloads and files of others are."));
  if (!/^(?:[\\/]|[a-z]:[\\/])/i.test(command))
    found.push(caution("relative", part, "Which program this is depends on the folder."));
  return found;
}

/** Paths in an argument: all of it, the value of an option, or the first half of a mount. */
function pathsIn(text: string): string[] {
  // `-v/:/x`: the value of a short option may be attached to it.
  const value = /^-{1,2}[\w-]+=(.*)$/s.exec(text)?.[1] ?? text.replace(/^-[a-zA-Z]+(?=[\\/~.])/, "");
  const pieces =
    value.includes(",") && value.includes("=") ? value.split(",").map((piece) => piece.replace(/^\w+=/, "")) : [value];
  return pieces
    .map((piece) => piece.replace(/^file:\/\//, "").replace(/^((?:[a-z]:)?[\\/][^:]*):.*$/i, "$1"))
    .filter((piece) => PATH.test(piece) && !/^[a-z][a-z\d+.-]+:\/\//i.test(piece) && !piece.startsWith("//"))
    .map((piece) => piece.replace(/^~/, homedir()));
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}
