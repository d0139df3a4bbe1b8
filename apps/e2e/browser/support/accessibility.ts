import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";

/** The accessibility rules that a page breaks, with what breaks them. */
export async function violations(page: Page): Promise<string[]> {
  // Neither frames, which no page has, nor reports of what is in order: those take most of the time.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ["violations"] });
  const { violations } = await axe.analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(" ")}`));
}
