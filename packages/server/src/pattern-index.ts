/** Values filed under channel names and patterns; a lookup costs by the length of the name, not by what is filed. */
export interface PatternIndex<Value> {
  add(pattern: string, value: Value): void;
  delete(pattern: string, value: Value): void;
  /** Every value whose pattern covers the name, the most specific pattern first. A value under two such patterns comes twice. */
  match(channel: string): Value[];
}

interface Node<Value> {
  readonly children: Map<string, Node<Value>>;
  readonly values: Set<Value>;
}

/** Creates an empty index. */
export function createPatternIndex<Value>(): PatternIndex<Value> {
  const root = createNode<Value>();

  return {
    add(pattern, value) {
      let node = root;
      for (const segment of pattern.split("/")) {
        const child = node.children.get(segment) ?? createNode<Value>();
        node.children.set(segment, child);
        node = child;
      }
      node.values.add(value);
    },
    delete(pattern, value) {
      remove(root, pattern.split("/"), 0, value);
    },
    match(channel) {
      const found: Value[] = [];
      collect(root, channel.split("/"), 0, found);
      return found;
    },
  };
}

function createNode<Value>(): Node<Value> {
  return { children: new Map(), values: new Set() };
}

function collect<Value>(node: Node<Value>, segments: readonly string[], depth: number, found: Value[]): void {
  if (depth === segments.length) {
    found.push(...node.values);
    return;
  }
  const exact = node.children.get(segments[depth]!);
  if (exact) collect(exact, segments, depth + 1, found);
  const any = node.children.get("*");
  // The name can be a pattern itself; without this every `*` in it would double the work.
  if (any && any !== exact) collect(any, segments, depth + 1, found);
  const rest = node.children.get("**");
  if (rest) found.push(...rest.values);
}

function remove<Value>(node: Node<Value>, segments: readonly string[], depth: number, value: Value): void {
  const segment = segments[depth];
  if (segment === undefined) {
    node.values.delete(value);
    return;
  }
  const child = node.children.get(segment);
  if (!child) return;
  remove(child, segments, depth + 1, value);
  if (child.values.size === 0 && child.children.size === 0) node.children.delete(segment);
}
