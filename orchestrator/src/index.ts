/** All that decides and talks to people and clusters. */
export {};
