import { getJson, send } from "./http";

/** What the city wrote to who is signed in, and how it is marked as read. */
export interface InboxMessage {
  id: number;
  subject: string;
  body: string;
  url: string;
  at: string;
  read: boolean;
}

const ADDRESS = "/api/v1/reports/inbox";

export const inbox = (): Promise<{ messages: InboxMessage[]; unread: number }> => getJson(ADDRESS);
export const markRead = (ids: number[]): Promise<{ unread: number }> => send(`${ADDRESS}/read`, { ids });
