/** Variables that make a harmless command do something else: they load code, choose programs, or turn traffic around. */

import { caution, danger, type Finding } from "./contract.js";

const LOADS_CODE =
  /^(?:NODE_OPTIONS|NODE_PATH|NODE_REPL_EXTERNAL_MODULE|BUN_OPTIONS|DENO_(?!AUTH_TOKENS$)\w+|LD_\w+|DYLD_\w+|PYTHON(?:PATH|STARTUP|HOME|INSPECT|BREAKPOINT|USERBASE)|PERL5?(?:OPT|LIB|DB)|RUBY(?:OPT|LIB)|GEM_\w+|BUNDLE_\w+|JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|BASH_ENV|BASH_FUNC_.*|ENV|ZDOTDIR|PROMPT_COMMAND|PS4|IFS|SHELLOPTS|BASHOPTS|GCONV_PATH|LUA_INIT\w*|LUA_C?PATH|PHPRC|PHP_INI_SCAN_DIR|DOTNET_STARTUP_HOOKS|DOTNET_ADDITIONAL_DEPS|COR_\w+|CORECLR_\w+|ELECTRON_RUN_AS_NODE|ERL_FLAGS|OPENSSL_CONF|GIT_SSH\w*|GIT_(?:EXEC_PATH|EXTERNAL_DIFF|PAGER|EDITOR|ASKPASS|CONFIG\w*|PROXY_COMMAND|TEMPLATE_DIR)|SSH_ASKPASS|EDITOR|VISUAL|PAGER|BROWSER|LESSOPEN)$/;
const CHOOSES = /^(?:PATH|PATHEXT|COMSPEC|SHELL|HOME|USERPROFILE|APPDATA|SYSTEMROOT|WINDIR|TMPDIR|TEMP|TMP|XDG_\w+)$/;
const SOURCES =
  /^(?:NPM_CONFIG_\w+|YARN_\w+|PNPM_\w+|PIP_\w+|UV_\w+|DOCKER_(?:HOST|CONTEXT|CONFIG)|CONTAINER_HOST|GOPROXY|GOFLAGS|CARGO_\w+|NUGET_\w+|NPM_TOKEN)$/;
const TRUST =
  /^(?:NODE_TLS_REJECT_UNAUTHORIZED|NODE_EXTRA_CA_CERTS|SSL_CERT_(?:FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|GIT_SSL_NO_VERIFY|PYTHONHTTPSVERIFY)$/;
const PROXIES = /^(?:HTTPS?|ALL|FTP|NO)_PROXY$/;

/** Whether a variable can load other code into a program. */
export function loadsCode(name: string): boolean {
  // Windows knows no case, and some programs read both.
  return LOADS_CODE.test(name.toUpperCase());
}

export function inspectVariable(name: string): Finding[] {
  const part = `env/${name}`;
  const upper = name.toUpperCase();
  if (loadsCode(name)) return [danger("env-code", part, "This variable can load other code into the program.")];
  if (CHOOSES.test(upper))
    return [danger("env-path", part, "This variable decides which programs and settings are found.")];
  if (SOURCES.test(upper))
    return [danger("env-source", part, "This variable decides where packages come from, or what runs with them.")];
  if (TRUST.test(upper)) return [danger("env-trust", part, "This variable decides whose certificates are believed.")];
  if (PROXIES.test(upper))
    return [caution("env-proxy", part, "This variable sends its traffic through another machine.")];
  return [];
}
