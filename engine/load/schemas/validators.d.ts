/** What the build makes of the schemas (compile.ts): modules by name. Its reader knows their form. */
declare module '#validators/index' {
  export const files: Readonly<Record<string, unknown>>;
  export const steps: Readonly<Record<string, unknown>>;
  export const faults: Readonly<Record<string, unknown>>;
  export const parts: Readonly<Record<string, unknown>>;
}
