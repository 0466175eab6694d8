/** Style sheets that the bare pages take as text. */
declare module '*.css' {
  const text: string;
  export default text;
}
