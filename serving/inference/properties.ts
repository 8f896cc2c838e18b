/** What was measured about an input: image properties, table columns, its score. */
export type Properties = Readonly<Record<string, number | string | null>>;
