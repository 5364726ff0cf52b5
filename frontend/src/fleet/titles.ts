import { say } from "../i18n";
import type { Words } from "./contract";

/** An alert's title beside its vessel's name: without the name that it begins with elsewhere. */
export function bareTitle(title: Words, vessel: { name: string; plate: string } | null): string {
  const said = say(title);
  for (const name of [vessel?.name, vessel?.plate]) {
    if (!name || !said.startsWith(`${name}: `)) continue;
    const rest = said.slice(name.length + 2);
    return rest.charAt(0).toUpperCase() + rest.slice(1);
  }
  return said;
}
