/** Programs that do more than run a server: shells, interpreters with code in their arguments, elevated rights, downloads, destruction. */

import { caution, danger, type Finding, type Run } from "./contract.js";

const SHELLS = /^(?:sh|bash|zsh|dash|ksh|mksh|ash|fish|csh|tcsh|cmd|powershell|pwsh|nu|elvish|xonsh)$/;
/** A cluster of short options with `c` in it, or a long one; scripts of `cmd` and PowerShell are told apart below. */
const SHELL_CODE = /^(?:[-+][a-z]*c[a-z]*$|--(?:commands?|init-command|execute)(?:=|$))/i;
const ELEVATES = /^(?:sudo|doas|su|pkexec|runas|gsudo|run0|kdesu|gksudo|machinectl|nsenter|chroot|unshare)$/;
const DESTROYS =
  /^(?:rm|rmdir|del|erase|mkfs|mkfs\..*|dd|shred|format|fdisk|wipefs|diskutil|shutdown|reboot|halt|killall)$/;
const DOWNLOADS = /^(?:curl|wget|aria2c|fetch|ftp|tftp|scp|sftp|rsync|bitsadmin|certutil|invoke-webrequest|iwr)$/;
const CONNECTS = /^(?:ssh|nc|ncat|netcat|socat|telnet|rsh|mosh)$/;

/** What of the arguments of an interpreter is its own. */
interface Interpreter {
  /** Arguments that are code, or that load code besides the script. */
  readonly code: RegExp;
  /** Options without a value: what follows them is the script, and what follows that is the script's. */
  readonly plain?: RegExp;
}

const NODE: Interpreter = {
  code: /^(?:-e|--eval|-p|-pe|--print|-r|--require|--import|--loader|--experimental-loader)(?:=|$)/,
  plain:
    /^--(?:no-warnings|no-deprecation|enable-source-maps|experimental-(?:strip|transform)-types|inspect(?:-brk)?)$/,
};
const PYTHON: Interpreter = { code: /^-[a-zA-Z]*c/, plain: /^-(?:[bBdEhiIOPqsSuvx]+|\d[\d.]*)$/ };

const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>([
  ["node", NODE],
  ["bun", { code: /^(?:-e|--eval|-p|--print|-r|--preload)(?:=|$)/, plain: /^(?:run|--bun)$/ }],
  ["deno", { code: /^eval$/ }],
  ["tsx", { code: /^(?:-e|--eval|-p|--print|-r|--require|--import)(?:=|$)/, plain: /^--no-cache$/ }],
  ["ts-node", { code: /^(?:-e|--eval|-p|--print|-r|--require)(?:=|$)/, plain: /^(?:--esm|-T|--transpile-only)$/ }],
  ["python", PYTHON],
  ["pythonw", PYTHON],
  ["pypy", PYTHON],
  ["py", PYTHON],
  ["ipython", PYTHON],
  ["ruby", { code: /^-[a-z]*[er]/, plain: /^-w$/ }],
  ["perl", { code: /^-[a-zA-Z]*[eEM]/, plain: /^-w$/ }],
  ["php", { code: /^-[a-z]*[rBRE]/ }],
  ["lua", { code: /^-[el]/ }],
  ["r", { code: /^-e/ }],
  ["rscript", { code: /^-e/ }],
  ["julia", { code: /^(?:-e|--eval|-E|--print|-L|--load)(?:=|$)/ }],
  ["osascript", { code: /^-e/ }],
  ["groovy", { code: /^-e/ }],
  ["elixir", { code: /^-e/ }],
  ["tclsh", { code: /^-c/ }],
]);

/** Whether a program runs what its arguments or a script say: a shell or an interpreter. */
export function isInterpreter(program: string): boolean {
  return SHELLS.test(program) || INTERPRETERS.has(program);
}

/** Interpreters of which every first argument is code. */
const CODE_FIRST = /^(?:awk|gawk|mawk|jq|mshta|wscript|cscript|rundll32|regsvr32|msiexec)$/;

export function inspectProgram(run: Run): Finding[] {
  const { program, part, args } = run;
  const found: Finding[] = [];
  if (ELEVATES.test(program))
    found.push(danger("elevated", part, "It asks for the rights of an administrator or another user."));
  if (DESTROYS.test(program))
    found.push(danger("destructive", part, "This program deletes or overwrites data, or stops things."));
  if (DOWNLOADS.test(program))
    found.push(danger("download", part, "This program downloads or sends files; it is no server."));
  if (CONNECTS.test(program))
    found.push(danger("remote-shell", part, "This program opens connections to other machines."));
  if (CODE_FIRST.test(program)) found.push(danger("inline-code", part, "This program runs what its arguments say."));
  if (SHELLS.test(program)) found.push(...inspectShell(run));
  const interpreter = INTERPRETERS.get(program);
  const own = interpreter === undefined ? args.length : ownArguments(interpreter, args);
  args.forEach((arg, index) => {
    const where = run.parts[index] ?? part;
    // Node takes underscores in the names of its options as well.
    const name = arg.replace(/^--[\w-]+/, (option) => option.replaceAll("_", "-"));
    if (index < own && interpreter?.code.test(name))
      found.push(danger("inline-code", where, "Code to run is given in the arguments, or loaded by them."));
    if (index < own && /^--inspect|^--debug-port/.test(name))
      found.push(caution("debugger", where, "A debugger can be attached to it."));
    if (/^(?:data|javascript):/i.test(arg))
      found.push(danger("inline-code", where, "This argument is code, not the name of a file."));
  });
  if (/\s/.test(run.written) && args.length === 0)
    found.push(
      caution("spaces", part, "All of this is taken as the name of one program; it may have been written for a shell."),
    );
  return found;
}

/**
 * How many of the arguments are the interpreter's: those up to the script, or to the module of Python. Where something stands in front of
 * what looks like the script that may take it for a value, all are.
 */
function ownArguments({ plain }: Interpreter, args: readonly string[]): number {
  for (const [index, arg] of args.entries()) {
    if (arg === "-m" && plain === PYTHON.plain) return index + 1;
    if (!arg.startsWith("-") && plain?.test(arg) !== true) return plain === undefined ? args.length : index + 1;
    if (plain?.test(arg) !== true && !/^--[\w-]+=/.test(arg)) return args.length;
  }
  return args.length;
}

function inspectShell(run: Run): Finding[] {
  const { args, part, parts } = run;
  const found = scriptIn(run);
  if (found === undefined) return [caution("shell", part, "This is a shell: it runs whatever its script says.")];
  const { at, encoded } = found;
  const where = parts[at] ?? parts.at(-1) ?? part;
  const findings = [danger("shell-code", where, "This is a script for a shell: any number of commands can be in it.")];
  if (encoded && /^[\w+/=]{16,}$/.test(args[at] ?? ""))
    findings.push(danger("encoded", where, "The script is encoded, so that nobody can read it."));
  return [...findings, ...inspectScript(args.slice(at).join(" "), where)];
}

interface Script {
  /** Which argument it begins with. */
  readonly at: number;
  readonly encoded: boolean;
}

/** The script that the arguments of a shell hold, by the rules of that shell. */
function scriptIn({ program, args }: Run): Script | undefined {
  if (program === "powershell" || program === "pwsh") return powershellScript(program, args);
  const isCmd = program === "cmd";
  const option = args.findIndex((arg) => (isCmd ? /^\/.*[ckr]/i : SHELL_CODE).test(arg));
  if (option === -1) return undefined;
  // `/cdir` and `--command=id` hold the script themselves.
  const attached = isCmd ? !/\/[ckr]$/i.test(args[option] ?? "") : args[option]?.includes("=");
  return { at: attached ? option : option + 1, encoded: false };
}

const POWERSHELL_VALUED =
  /^(?:ex.*|ep|w|windowstyle|wd|wo.*|v|version|i|if|inp.*|o|of|out.*|config.*|psconsole.*|settings.*|custom.*)$/;

/** PowerShell takes every beginning of the name of an option, after several kinds of dashes; Windows' own takes bare words for a script. */
function powershellScript(program: string, args: readonly string[]): Script | undefined {
  for (let index = 0; index < args.length; index++) {
    const option = /^[-\u2013\u2014\u2015/]([a-z]+)/i.exec(args[index] ?? "")?.[1]?.toLowerCase();
    if (option === undefined) return program === "pwsh" ? undefined : { at: index, encoded: false };
    const encoded = "encodedcommand".startsWith(option) || option === "ec";
    if (encoded || "commandwithargs".startsWith(option) || option === "cwa") return { at: index + 1, encoded };
    if ("file".startsWith(option)) return undefined;
    if (POWERSHELL_VALUED.test(option)) index++;
  }
  return undefined;
}

const FETCHES = /\b(?:curl|wget|fetch|iwr|irm|invoke-webrequest|invoke-restmethod|downloadstring)\b/i;
const RUNS = /\b(?:sh|bash|zsh|dash|python\d?|node|perl|ruby|iex|invoke-expression)\b/i;
const FETCHES_INSIDE = /(?:\$\(|<\(|`|\()\s*(?:curl|wget|iwr|irm|invoke-\w|new-object)/i;

/** Whether something is fetched and then run, or run with what is fetched. */
function downloadsAndRuns(script: string): boolean {
  const parts = script.split(/[;&\n]/);
  return parts.some(
    (part) =>
      inTurn(part, FETCHES, /\||\$\(|`|-o\s/i, RUNS) ||
      inTurn(part, /\b(?:eval|source)\b|\b(?:sh|bash|zsh|iex|python\d?|node)\b/i, FETCHES_INSIDE),
  );
}

/** Whether a text holds these one after the other. */
function inTurn(text: string, ...patterns: readonly RegExp[]): boolean {
  let rest = text;
  for (const pattern of patterns) {
    const found = pattern.exec(rest);
    if (found === null) return false;
    rest = rest.slice(found.index + found[0].length);
  }
  return true;
}

/** What a script of a shell does, as far as its words tell. */
function inspectScript(script: string, part: string): Finding[] {
  const found: Finding[] = [];
  const has = (words: RegExp): boolean => words.test(script);
  if (downloadsAndRuns(script)) found.push(danger("download-run", part, "It downloads a program and runs it at once."));
  else if (has(/\b(?:curl|wget|iwr|irm|invoke-webrequest|downloadstring|bitsadmin|certutil)\b/i))
    found.push(danger("download", part, "It downloads or sends something."));
  if (has(/\b(?:sudo|doas|pkexec|runas|su)\b/))
    found.push(danger("elevated", part, "It asks for the rights of an administrator."));
  if (has(/\brm\s+-|\bdel\s+\/|\bmkfs|\bdd\s+\w*if=|\bshred\b|\bformat\s+[a-z]:|>\s*\/dev\/sd/i))
    found.push(danger("destructive", part, "It deletes or overwrites data."));
  if (has(/\/dev\/tcp\/|\b(?:nc|ncat|netcat|socat|ssh)\b/))
    found.push(danger("remote-shell", part, "It opens a connection to another machine."));
  if (has(/\bbase64\b|\bxxd\b|frombase64string/i))
    found.push(danger("encoded", part, "It decodes something that cannot be read here."));
  if (has(/crontab|\.bashrc|\.zshrc|\.profile|launchctl|systemctl|schtasks|authorized_keys|\breg\s+add\b/i))
    found.push(danger("persistent", part, "It changes what starts by itself later, or who may log in."));
  if (has(/[|;&]/)) found.push(caution("pipes", part, "Several commands are in it."));
  return found;
}
