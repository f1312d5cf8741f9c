import { SearchAccount } from '../search/search-account.ts';
import type { SearchQuirks } from '../search/search-account.ts';
import { WebsetsAccount } from '../websets/websets-account.ts';
import type { WebsetsAccountOptions } from '../websets/websets-account.ts';

export interface AccountOptions extends WebsetsAccountOptions {
  readonly searchQuirks?: Partial<SearchQuirks>;
}

/**
 * A made-up Exa account, empty at first. What it does itself it does with Websets monitors; `search` does the same
 * with Search monitors. Ids are its own on either side: one id may exist on both.
 */
export class SimulatedAccount extends WebsetsAccount {
  readonly search: SearchAccount;

  constructor(options: AccountOptions) {
    super(options);
    const { clock, seed = 1, searchQuirks = {} } = options;
    this.search = new SearchAccount({ clock, seed, quirks: searchQuirks });
  }
}

export function createSimulatedAccount(options: AccountOptions): SimulatedAccount {
  return new SimulatedAccount(options);
}
