/** Programs that do more than run a server: shells, interpreters with code in their arguments, elevated rights, downloads, destruction. */

import { caution, danger, type Finding, type Run } from "./contract.js";

const SHELLS = /^(?:sh|bash|zsh|dash|ksh|mksh|ash|fish|csh|tcsh|cmd|powershell|pwsh|nu|elvish|xonsh)$/;
const SHELL_CODE = /^(?:-[a-z]*c|\/[ck]|-command|-c|-e|-ec|-encodedcommand|--command|-commandwithargs|-init-command)$/i;
const ELEVATES = /^(?:sudo|doas|su|pkexec|runas|gsudo|run0|kdesu|gksudo|machinectl|nsenter|chroot|unshare)$/;
const DESTROYS =
  /^(?:rm|rmdir|del|erase|mkfs|mkfs\..*|dd|shred|format|fdisk|wipefs|diskutil|shutdown|reboot|halt|killall)$/;
const DOWNLOADS = /^(?:curl|wget|aria2c|fetch|ftp|tftp|scp|sftp|rsync|bitsadmin|certutil|invoke-webrequest|iwr)$/;
const CONNECTS = /^(?:ssh|nc|ncat|netcat|socat|telnet|rsh|mosh)$/;

/** Interpreter → arguments that are code, or that load code besides the script. */
const CODE: Readonly<Record<string, RegExp>> = {
  node: /^(?:-e|--eval|-p|-pe|--print|-r|--require|--import|--loader|--experimental-loader)(?:=|$)/,
  bun: /^(?:-e|--eval|-p|--print|-r|--preload)(?:=|$)/,
  deno: /^(?:eval)$/,
  tsx: /^(?:-e|--eval|-p|--print|-r|--require|--import)(?:=|$)/,
  "ts-node": /^(?:-e|--eval|-p|--print|-r|--require)(?:=|$)/,
  python: /^-[a-zA-Z]*c/,
  pythonw: /^-[a-zA-Z]*c/,
  pypy: /^-[a-zA-Z]*c/,
  py: /^-[a-zA-Z]*c/,
  ruby: /^-[a-z]*[er]/,
  perl: /^-[a-zA-Z]*[eEM]/,
  php: /^-[a-z]*[rBRE]/,
  lua: /^-[el]/,
  rscript: /^-e/,
  julia: /^(?:-e|--eval|-E|--print|-L|--load)(?:=|$)/,
  osascript: /^-e/,
  groovy: /^-e/,
  elixir: /^-e/,
  tclsh: /^-c/,
};
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
  const code = CODE[program];
  args.forEach((arg, index) => {
    const where = run.parts[index] ?? part;
    if (code?.test(arg))
      found.push(danger("inline-code", where, "Code to run is given in the arguments, or loaded by them."));
    if (/^--inspect|^--debug-port/.test(arg))
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

function inspectShell({ args, part, parts }: Run): Finding[] {
  const at = args.findIndex((arg) => SHELL_CODE.test(arg));
  if (at === -1) return [caution("shell", part, "This is a shell: it runs whatever its script says.")];
  const where = parts[at + 1] ?? parts[at] ?? part;
  const script = args.slice(at + 1).join(" ");
  const found = [danger("shell-code", where, "This is a script for a shell: any number of commands can be in it.")];
  if (/^-e(?:c|ncodedcommand)?$/i.test(args[at] ?? "") && /^[\w+/=]{16,}$/.test(args[at + 1] ?? ""))
    found.push(danger("encoded", where, "The script is encoded, so that nobody can read it."));
  return [...found, ...inspectScript(script, where)];
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
