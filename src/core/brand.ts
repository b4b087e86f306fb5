/** Nominal types by intersection. A brand is made only by the function that proved what it stands for. */
declare const brand: unique symbol;
export type Brand<T, K extends string> = T & { readonly [brand]: K };
