/** Client of the gameserver protocol for browsers; Node takes `node.ts`, which adds a WebSocket. */

export { arena } from "./arena/index.js";
export { ChatBook } from "./chatbook.js";
export { Client, connect } from "./client.js";
export type { Clock } from "./clock.js";
export { download } from "./download.js";
export {
  ConfigError,
  ConnectionLostError,
  GameserverError,
  ProtocolError,
  RequestError,
  RequestTimedOutError,
  ServerClosedError,
} from "./errors.js";
export { fitted, mapsFor, modeField, mostBots, seatsOn } from "./forms.js";
export type { Stall, Trouble } from "./health.js";
export type { Conditions } from "./links/conditions.js";
export { ROADS, type Road, type WebSocketLike } from "./links/link.js";
export type { ClientNamespace, HandleEvent } from "./namespaces.js";
export type { Drawn, Frame, Scene as World, Thing as Entity } from "./play/drawing.js";
export type { Command } from "./play/held.js";
export { type MapObject, TILE, type TileMap } from "./play/map.js";
export type { Match, MatchCounts } from "./play/match.js";
export type { Corrections, Divergence } from "./play/prediction.js";
export type { GameEvent } from "./play/reader.js";
export type { Value } from "./play/rows.js";
export type { Bound, CommandField, EntityClass, Field, Look, Schema } from "./play/schema.js";
export type { Arrival, SavedTape } from "./play/tape.js";
export type { HeldCommand, PredictedGame } from "./predict/game.js";
export type { EventPhase, ToldEvent } from "./predict/optimism.js";
export type { Body, Emitted, PredictedWorld } from "./predict/world.js";
export { fetchReplay, type ReplayOptions } from "./replays.js";
export type { ClientSettings, Happenings, RequestOptions } from "./settings.js";
export type { Closed, Connecting, OfflineCause, Online, Reconnecting, Status } from "./status.js";
export { memoryStore, type TokenStore, type WebStorage, webStore } from "./storage.js";
export type { EventName, NoticeName, RequestName } from "./wire/codec.js";
export type * from "./wire/tables.js";
