/** What goes to the terminal, and how: whole texts to stdout, colours only where somebody sees them. */

import picocolors from "picocolors";

export type Colors = ReturnType<typeof picocolors.createColors>;

/** Colours for a stream: none unless it is a terminal, and none where `NO_COLOR` is set (https://no-color.org). */
export function colorsFor(stream: { readonly isTTY?: boolean } = process.stdout): Colors {
  const refused = (process.env.NO_COLOR ?? "") !== "" || process.env.TERM === "dumb";
  return picocolors.createColors(stream.isTTY === true && !refused);
}

/** Writes to stdout. The process ends by itself, so that nothing is cut off. */
export function print(text: string): void {
  process.stdout.write(text.endsWith("\n") ? text : `${text}\n`);
}

export function printJson(value: unknown): void {
  print(JSON.stringify(value, null, 2));
}

/** A reader that has seen enough (`| head`) is no failure of ours. */
export function endQuietlyOnClosedPipe(): void {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });
}

/** Rows as columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]): string =>
    row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
