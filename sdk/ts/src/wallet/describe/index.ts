export interface Line { text: string }
export const describe = async (): Promise<Line[]> => [];
export const messagesOf = (): never[] => [];
