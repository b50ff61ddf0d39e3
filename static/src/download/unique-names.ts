// The names of the files in a download. `pixtag download` chooses the same ones; unique-names.json tests both. Pure.

/** Gives each photo a name that no other one has, also on systems that ignore the case of names. */
export class UniqueNames {
  private readonly names = new Map<string, string>();
  private readonly used: Set<string>;

  constructor(reserved: readonly string[] = []) {
    this.used = new Set(reserved.map(fold));
  }

  /** Return the name of a photo. It stays the same. */
  choose(id: string, name: string): string {
    const chosen = this.names.get(id) ?? this.find(name);
    this.names.set(id, chosen);
    this.used.add(fold(chosen));
    return chosen;
  }

  private find(name: string): string {
    const end = name.lastIndexOf(".");
    const [stem, ending] = end > 0 ? [name.slice(0, end), name.slice(end)] : [name, ""];
    let unique = name;
    for (let number = 2; this.used.has(fold(unique)); number += 1) {
      unique = `${stem} (${number})${ending}`;
    }
    return unique;
  }
}

/** Return what equal names share. Upper case changes letters like ß as Unicode's case folding does. */
function fold(name: string): string {
  return name.normalize("NFC").toUpperCase();
}
