/** What the simulator accepts. */
export const apiKey = 'bench-key';
