// What a browser has and Node.js before 22 has not.
import { WebSocket } from "ws";

globalThis.WebSocket ??= WebSocket;
