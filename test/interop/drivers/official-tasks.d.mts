interface Content {
  readonly content: readonly { readonly type: string; readonly text: string }[];
  readonly isError?: boolean;
}
interface Caller {
  callTool(name: string, args?: object): Promise<Content>;
  close(): Promise<void>;
}
interface Asked {
  readonly asked: string[];
}
export declare function answerOf(params: object): never;
export declare function openV1(url: string): Promise<
  Caller &
    Asked & {
      runTask(name: string, args?: object): Promise<{ readonly seen: readonly string[]; readonly result: Content }>;
      cancelTask(name: string, args?: object): Promise<{ looked: string; listed: boolean; cancelled: string }>;
      listTools(): Promise<unknown>;
    }
>;
export declare function openV2(url: string, mode: unknown): Promise<Caller>;
export declare function openReceiver(url: string): Promise<Caller & Asked>;
export declare function openSession(
  url: string,
  mode: unknown,
): Promise<
  Asked & {
    run(
      name: string,
      args?: object,
    ): Promise<{ readonly kind: string; readonly status: string; readonly outcome: unknown; result(): Content }>;
    cancel(name: string, args?: object): Promise<string>;
    close(): Promise<void>;
  }
>;
