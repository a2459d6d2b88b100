/** The looks of the dialog: everything is shown in full, wrapped and never cut off, and texts of strangers run from left to right. */

export const PAGE_STYLE: string = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1rem; }
main { max-width: 44rem; margin: auto; }
h1 { font-size: 1.3rem; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1rem; margin: 1rem 0 .25rem; }
code { font: .9rem/1.5 ui-monospace, monospace; direction: ltr; unicode-bidi: isolate; white-space: pre-wrap; overflow-wrap: anywhere; }
ol, ul { margin: 0; padding-left: 2.2rem; }
ul.findings { padding: 0; list-style: none; }
.findings li { margin: .3rem 0; padding: .3rem .6rem; border-left: .3rem solid #b58900; background: #b5890022; }
.findings li.danger { border-color: #d02020; background: #d0202022; }
.warning { font-weight: 600; margin: 1rem 0; }
label { display: block; margin: 1rem 0; }
.buttons { display: flex; gap: 1rem; justify-content: flex-end; }
button { font: inherit; padding: .5rem 1.2rem; border: 2px solid currentColor; border-radius: .4rem; }
button:focus-visible, input:focus-visible { outline: .2rem solid #2070d0; outline-offset: .15rem; }
button:disabled { opacity: .5; }
`;
