/** Requirements without a test, each with the reason. */

const dialog = "a duty of applications: the toolkit has no windows";
const proxy = "for authorization servers and the pages they show";
const issuing = "for authorization servers and identity providers: the toolkit asks them for tokens and issues none";
const between = "for proxies that look into traffic: the toolkit has clients and servers";
const secrets = "for authors of servers: what a form asks for is in their words";
const trust = "for who decides what a tool may do: the client decides nothing by what a server says of its tools";

/** ID → why it asks nothing of a toolkit. A row is an error where its requirement has a test after all. */
export const outside = {
  "AUTH-04": "for transports of others: stdio and HTTP have rules of their own",
  "AUTH-50": issuing,
  "AUTH-52": issuing,
  "AUTH-56": issuing,
  "AUTH-62": issuing,
  "AUTH-65": issuing,
  "AUTH-98": proxy,
  "BASE-100":
    "for authors of servers: who may read what is decided by their handlers, and nothing in the toolkit looks at cacheScope for it",
  "CC-06": issuing,
  "ELIC-49": dialog,
  "ELIC-59": secrets,
  "ELIC-60": secrets,
  "ELIC-61": secrets,
  "EMA-04": issuing,
  "EMA-06": issuing,
  "EMA-08": issuing,
  "HTTP-126": between,
  "HTTP-143": between,
  "LOG-10": "for authors of servers: the toolkit itself writes no log entries",
  "ROOT-07": "for applications: they alone know which folders may be shown; that roots are file URIs is ROOT-04",
  "SAMP-37":
    "for authors: the toolkit cannot tell which data are sensitive; it keeps no messages, and its errors hold no values",
  "SEC-10": trust,
  "SEC-33": proxy,
  "SEC-34": proxy,
  "SEC-35": proxy,
  "SEC-36": proxy,
  "SEC-37": proxy,
  "TOOL-11": trust,
};

/** ID → the part of the runtime that is not there yet. A row has no effect once its requirement has a test. */
export const later = {};
