/** Was der Server und die Verbindung sagen, auf Deutsch; siehe told.ts. */

import type { Sayings } from "./told.js";

export const deSayings: Sayings = {
  reason: "Grund:",
  measure: (text) =>
    text
      .replace(/^(\d+)\.(\d+)$/, "$1,$2")
      .replace(/\b1 d\b/, "1 Tag")
      .replace(/(\d+) d\b/, "$1 Tage"),
  codes: {
    bad_message: "Der Server hat eine Nachricht nicht verstanden.",
    too_large: "Das ist zu groß.",
    unknown_request: "Das kann dieser Server nicht.",
    bad_params: "Das ist so nicht möglich.",
    version_unsupported:
      "Server und Seite sprechen verschiedene Versionen: Lade die Seite neu; hilft das nicht, muss der Betreiber den Server erneuern.",
    hello_expected: "Die Verbindung kam nicht zustande.",
    rate_limited: "Das war zu viel in kurzer Zeit.",
    server_full: "Der Server ist voll.",
    server_busy: "Der Server ist überlastet.",
    server_stopping: "Der Server hält an.",
    forbidden: "Das ist dir nicht erlaubt.",
    internal: "Auf dem Server ging etwas schief.",
    "session.token_unknown": "Der Server kennt dich nicht mehr; melde dich neu an.",
    "session.replaced": "Du bist jetzt anderswo verbunden.",
    "session.name_refused": "Dieser Name geht nicht; nimm einen anderen.",
    "session.kicked": "Der Betreiber des Servers hat dich abgemeldet.",
    "session.banned": "Der Betreiber des Servers hat dich verbannt.",
    "lobby.unknown": "Diese Lobby gibt es nicht.",
    "lobby.full": "In dieser Lobby ist kein Platz mehr.",
    "lobby.locked": "Diese Lobby ist gesperrt.",
    "lobby.limit": "Der Server nimmt keine weitere Lobby auf.",
    "lobby.already_in": "Du bist schon in dieser Lobby.",
    "lobby.not_in": "Du bist in keiner Lobby.",
    "lobby.wrong_password": "Das Passwort stimmt nicht.",
    "lobby.banned": "Du bist aus dieser Lobby verbannt.",
    "lobby.not_host": "Das kann nur der Gastgeber.",
    "lobby.wrong_phase": "Das geht gerade nicht.",
    "lobby.seat_taken": "Dieser Platz ist besetzt.",
    "lobby.bad_options": "Diese Einstellungen gehen so nicht.",
    "lobby.not_ready": "Für ein Spiel fehlen noch Spieler.",
    "player.unknown": "Diesen Spieler gibt es hier nicht.",
    "match.unknown": "Dieses Spiel läuft nicht mehr, oder du bist nicht dabei.",
    "match.running": "Dieses Spiel läuft noch; seine Aufzeichnung gibt es danach.",
    "match.not_kept": "Dieser Server hat von diesem Spiel keine Aufzeichnung, oder nicht mehr.",
    "match.not_recorded": "Dieser Server gibt keine Aufzeichnungen heraus.",
    "namespace.unknown": "Das kann dieser Server nicht.",
    "namespace.not_in": "Du bist dort nicht angemeldet.",
    "namespace.no_handler": "Das kann dieser Server nicht.",
    "namespace.timed_out": "Der Server hat zu lange gebraucht.",
    "chat.muted": "Du bist stumm geschaltet.",
    "chat.too_long": "Die Zeile ist zu lang.",
    "chat.empty": "In der Zeile steht nichts.",
    "chat.no_channel": "Hier kannst du das nicht sagen.",
    "chat.repeated": "Das hast du eben schon gesagt.",
  },
  causes: {
    lost: "Die Verbindung ist abgerissen.",
    silent: "Vom Server kommt nichts mehr.",
    unreachable: "Der Server ist nicht zu erreichen.",
    stopping: "Der Server hält an.",
    full: "Der Server hat gerade zu viel zu tun.",
    refused: "Der Server hat die Verbindung beendet.",
  },
  faults: {
    "must be from {lo} to {hi}": "erlaubt ist {lo} bis {hi}",
    "must be one of {names}": "zur Wahl stehen {names}",
    "must be at least {least}, since so many are seated":
      "mindestens {least}, denn so viele haben schon einen Platz",
    "must be 0: this game has no bots": "0, denn dieses Spiel hat keine Bots",
    "must leave a seat for a person": "ein Platz muss für einen Menschen frei bleiben",
    "must be empty": "muss leer sein",
    "must be true or false": "ja oder nein",
    "must be a whole number": "eine ganze Zahl",
    "must be text of at most {most} characters": "höchstens {most} Zeichen",
    "must have from 1 to {most} characters": "1 bis {most} Zeichen",
    "does not fit the mode": "passt nicht zum Modus",
    "has no map on this server": "dafür hat dieser Server keine Karte",
    "has no teams to choose": "hier gibt es keine Teams",
    "is no option of this game": "kennt dieses Spiel nicht",
  },
  sentences: {
    // Sitzung und Name
    "This server speaks version {own} of the protocol, not {other}.":
      "Dieser Server spricht Version {own} des Protokolls, diese Seite {other}: Lade die Seite neu.",
    "Server and client speak different versions; update the older side ({told}).":
      "Server und Seite sprechen verschiedene Versionen: Lade die Seite neu; hilft das nicht, muss der Betreiber den Server erneuern.",
    "no hello came within {seconds} s": "Die Verbindung kam in {seconds} s nicht zustande.",
    "the first message must be a hello, alone": "Die Verbindung kam nicht zustande.",
    "Too much happened meanwhile; please sign in again.":
      "Inzwischen ist zu viel geschehen; melde dich neu an.",
    "Too much happened; please sign in again.": "Es ist zu viel geschehen; melde dich neu an.",
    "This session is over.": "Deine Sitzung ist vorbei.",
    "This session is over; please sign in again.": "Deine Sitzung ist vorbei; melde dich neu an.",
    "You signed out.": "Du hast dich abgemeldet.",
    "The session does not go on over this connection.":
      "Deine Sitzung geht über eine andere Verbindung weiter.",
    "You have connected from somewhere else.": "Du hast dich von anderswo verbunden.",
    "Your name was changed often; try again in {seconds} s.":
      "Dein Name wurde oft geändert; versuch es in {seconds} s wieder.",
    "This name is not allowed here.": "Dieser Name ist hier nicht erlaubt.",
    "A name needs at least one letter or digit; please choose another.":
      "Ein Name braucht wenigstens einen Buchstaben oder eine Ziffer; nimm einen anderen.",
    "Too many connections in a short time; try again in {seconds} s.":
      "Zu viele Verbindungen in kurzer Zeit; versuch es in {seconds} s wieder.",
    "Too many requests; try again in {seconds} s.":
      "Zu viele Anfragen; versuch es in {seconds} s wieder.",
    "Too many requests.": "Zu viele Anfragen.",
    "You asked for much in a short time; try again in {seconds} s.":
      "Du hast in kurzer Zeit viel angefragt; versuch es in {seconds} s wieder.",
    "Too many events were not acknowledged; connect again.":
      "Deine Seite kam nicht mehr mit; verbinde dich neu.",
    "too many messages; send fewer a second": "Zu viele Nachrichten in der Sekunde.",
    "too many inputs; one for each tick counts": "Zu viele Eingaben; je Tick zählt eine.",
    "There is no request {name} here.": "Die Anfrage {name} kennt dieser Server nicht.",
    "The request {name} needs a connection.": "Die Anfrage {name} braucht eine Verbindung.",
    "The answer to request {number} was acknowledged already.":
      "Die Antwort auf Anfrage {number} war schon angekommen.",
    "The server was restarted while it carried this out; please look whether it was done.":
      "Der Server wurde dabei neu gestartet; sieh nach, ob es geschehen ist.",
    "the server met a fault with this request; it was not carried out":
      "Auf dem Server ging dabei etwas schief; es ist nicht geschehen.",
    "the server met a fault with this request": "Auf dem Server ging dabei etwas schief.",
    "the server met a fault with this event": "Auf dem Server ging dabei etwas schief.",
    "this needs the token of the server's operator": "Das darf nur der Betreiber des Servers.",
    "only programs on the server's own machine may ask this, without a proxy, as long as no stats-token is set":
      "Das dürfen nur Programme auf dem Rechner des Servers.",
    // Betreiber
    "The server's operator has ended your session.":
      "Der Betreiber des Servers hat dich abgemeldet.",
    "The server's operator has banned you for {time}.":
      "Der Betreiber des Servers hat dich für {time} verbannt.",
    "The server's operator has banned the name {name} for {time}.":
      "Der Betreiber des Servers hat den Namen {name} für {time} verbannt.",
    "The server's operator has muted you for {time} more.":
      "Der Betreiber des Servers hat dich stumm geschaltet, noch für {time}.",
    "The server's operator named you {name}.": "Der Betreiber des Servers hat dich {name} genannt.",
    "The server's operator closed the lobby {title}.":
      "Der Betreiber des Servers hat die Lobby {title} geschlossen.",
    "the server stops soon: no new matches begin":
      "Der Server hält bald an: Neue Spiele beginnen nicht mehr.",
    "the last match is over: the server restarts soon":
      "Das letzte Spiel ist vorbei: Der Server startet bald neu.",
    "the server stops": "Der Server hält an.",
    "the server stopped": "Der Server hat angehalten.",
    "The server is stopping; try again in a moment.":
      "Der Server hält gerade an; versuch es gleich wieder.",
    "The server stops soon; matches begin when it is back.":
      "Der Server hält bald an; Spiele beginnen, wenn er zurück ist.",
    "The server stops soon; new lobbies and matches begin when it is back.":
      "Der Server hält bald an; neue Lobbys und Spiele beginnen, wenn er zurück ist.",
    "The server is full; try again later.": "Der Server ist voll; versuch es später wieder.",
    "Too many players from your network; try again later.":
      "Zu viele Spieler aus deinem Netz; versuch es später wieder.",
    "The server is overloaded; try again in {seconds} s.":
      "Der Server ist überlastet; versuch es in {seconds} s wieder.",
    "the server is overloaded; new matches are refused until it has caught up":
      "Der Server ist überlastet; neue Spiele beginnen, wenn er nachgekommen ist.",
    "the server runs as many matches as it may":
      "Auf dem Server laufen schon so viele Spiele, wie er zulässt.",
    "Matches of your network have {most} of the server's bots at most; start with fewer, or when one of them has ended.":
      "Spiele aus deinem Netz haben höchstens {most} Bots des Servers; beginne mit weniger, oder wenn eines davon vorbei ist.",
    "Matches of your network take as much of the server as they may; start when one of them has ended.":
      "Spiele aus deinem Netz nehmen schon so viel vom Server, wie sie dürfen; beginne, wenn eines davon vorbei ist.",
    // Lobby
    "Name a lobby by its id or its invite code.": "Nenne eine Lobby oder ihren Einladungscode.",
    "No lobby has this invite code.": "Zu diesem Einladungscode gibt es keine Lobby.",
    "This lobby does not exist any more.": "Diese Lobby gibt es nicht mehr.",
    "There is no such public lobby.": "Diese Lobby gibt es nicht, oder sie ist nicht öffentlich.",
    "The password is wrong.": "Das Passwort stimmt nicht.",
    "This lobby has a password.": "Diese Lobby hat ein Passwort.",
    "Too many wrong attempts; try again in {seconds} s.":
      "Zu viele falsche Versuche; versuch es in {seconds} s wieder.",
    "Too many new lobbies from here; try again in {seconds} s.":
      "Von hier kamen zu viele neue Lobbys; versuch es in {seconds} s wieder.",
    "The server has no room for another lobby.": "Der Server hat keinen Platz für noch eine Lobby.",
    "You are in this lobby already.": "Du bist schon in dieser Lobby.",
    "You are in no lobby.": "Du bist in keiner Lobby.",
    "The host of this lobby has banned you.": "Der Gastgeber hat dich aus dieser Lobby verbannt.",
    "The host has locked this lobby.": "Der Gastgeber hat diese Lobby gesperrt.",
    "This lobby has no room for another member.": "In dieser Lobby ist kein Platz mehr.",
    "This lobby takes no spectators.": "Diese Lobby lässt niemanden zuschauen.",
    "This lobby has no room for another spectator.":
      "Diese Lobby hat keinen Platz für noch jemanden, der zuschaut.",
    "All seats of this lobby are taken.": "Alle Plätze dieser Lobby sind besetzt.",
    "This seat is taken.": "Dieser Platz ist besetzt.",
    "Nobody can join the running match; you can watch it, or wait for its end.":
      "Ins laufende Spiel kann niemand dazu; du kannst zuschauen oder sein Ende abwarten.",
    "Seats cannot be changed in a match.": "Im Spiel lassen sich Plätze nicht wechseln.",
    "Teams cannot be changed in a match.": "Im Spiel lassen sich Teams nicht wechseln.",
    "Team sizes may differ by one at most; a player of that team must change first.":
      "Teams dürfen sich um höchstens einen Spieler unterscheiden; erst muss dort jemand wechseln.",
    "There is no running match to leave.": "Es läuft kein Spiel, das du verlassen könntest.",
    "The lobby can be changed before the countdown and after the match.":
      "Ändern lässt sich die Lobby vor dem Countdown und nach dem Spiel.",
    "The match runs already.": "Das Spiel läuft schon.",
    "A match is running or starting already.": "Ein Spiel läuft oder beginnt schon.",
    "A match needs {fewest} players; this lobby has {players}.":
      "Ein Spiel braucht {fewest} Spieler; in dieser Lobby sind {players}.",
    "There is no countdown to stop.": "Es läuft kein Countdown.",
    "A rematch can be asked for while the results are shown; get ready instead.":
      "Noch einmal geht nur, solange das Ergebnis zu sehen ist; melde dich bereit.",
    "Spectators cannot do this; take a seat.": "Wer zuschaut, kann das nicht; nimm einen Platz.",
    "Only the host can do this.": "Das kann nur der Gastgeber.",
    "Only somebody seated can be the host.": "Gastgeber kann nur sein, wer einen Platz hat.",
    "Nobody of this name is banned here.": "Hier ist niemand dieses Namens verbannt.",
    "There is no such other player here.": "Diesen Spieler gibt es hier nicht.",
    "There is no such other player.": "Diesen Spieler gibt es nicht.",
    "Many reports came from you; send the next one in {seconds} s.":
      "Von dir kamen viele Meldungen; die nächste geht in {seconds} s.",
    "This game has no modes.": "Dieses Spiel hat keine Modi.",
    "there is no map {name}": "Die Karte {name} gibt es nicht.",
    // Chat
    "The line has nothing that can be shown.": "In der Zeile steht nichts, was man zeigen kann.",
    "You have just said that.": "Das hast du eben schon gesagt.",
    "Many are talking here at once; say it again in {seconds} s.":
      "Hier reden gerade viele; sag es in {seconds} s noch einmal.",
    "Too many lines; say more in {seconds} s.": "Zu viele Zeilen; weiter geht es in {seconds} s.",
    "The host has muted you in this lobby.":
      "Der Gastgeber hat dich in dieser Lobby stumm geschaltet.",
    "A whisper needs the id or name of its recipient.": "Zum Flüstern gehört ein Name.",
    "Only a whisper has a recipient; everybody in {channel} would read it.":
      "Nur Geflüstertes hat einen Empfänger; hier würden es alle lesen.",
    "The line has {chars} characters; at most {limit} are allowed.":
      "Die Zeile hat {chars} Zeichen; erlaubt sind höchstens {limit}.",
    "There are no teams in this mode.": "In diesem Modus gibt es keine Teams.",
    // Spiel und Aufzeichnungen
    "this match does not run, or you are not in it":
      "Dieses Spiel läuft nicht mehr, oder du bist nicht dabei.",
    "snapshots need a connection": "Dafür braucht es eine Verbindung.",
    "only those who had a seat in a match get its replay":
      "Nur wer in einem Spiel einen Platz hatte, bekommt seine Aufzeichnung.",
    "this server gives out no replays of matches":
      "Dieser Server gibt keine Aufzeichnungen heraus.",
    "this server keeps no replays of matches": "Dieser Server behält keine Aufzeichnungen.",
    "this server keeps no replay of this match, or not any more":
      "Dieser Server hat von diesem Spiel keine Aufzeichnung, oder nicht mehr.",
    "this match is still running; its replay can be had when it is over":
      "Dieses Spiel läuft noch; seine Aufzeichnung gibt es danach.",
    "this replay could not be prepared; try again in {seconds} s":
      "Diese Aufzeichnung ließ sich nicht vorbereiten; versuch es in {seconds} s wieder.",
    "this replay cannot be shown: its game has changed since, or it is damaged or too long":
      "Diese Aufzeichnung lässt sich nicht zeigen: Ihr Spiel hat sich seither geändert, oder sie ist beschädigt oder zu lang.",
    "this replay cannot be shown: it took longer than {seconds} s to prepare, {number} times":
      "Diese Aufzeichnung lässt sich nicht zeigen: Sie vorzubereiten dauerte {number}-mal länger als {seconds} s.",
    "too many replays are prepared; try again in {seconds} s":
      "Zu viele Aufzeichnungen werden vorbereitet; versuch es in {seconds} s wieder.",
    "too many replays are asked for; try again in {seconds} s":
      "Zu viele Aufzeichnungen werden verlangt; versuch es in {seconds} s wieder.",
    "the end of the match is not on disk yet; try again in {seconds} s":
      "Das Ende des Spiels ist noch nicht gespeichert; versuch es in {seconds} s wieder.",
    "the offset is 0 or more": "Diese Stelle der Aufzeichnung gibt es nicht.",
    // Namensräume von Betreibern
    "There is no namespace {name} here.": "Den Namensraum {name} gibt es hier nicht.",
    "You are not in the namespace {name}.": "Du bist nicht im Namensraum {name}.",
    "The namespace {name} has no handler for this event.":
      "Der Namensraum {name} kennt dieses Ereignis nicht.",
    "The server took too long with this event.": "Der Server hat dafür zu lange gebraucht.",
    "Too many of your events are not finished; try again in 1 s.":
      "Zu vieles von dir ist noch in Arbeit; versuch es in 1 s wieder.",
    // Verbindung
    "You stopped trying to reconnect.": "Du hast aufgehört, dich neu zu verbinden.",
    "the application closed the client": "Die Seite hat die Verbindung beendet.",
    "the server closed the connection": "Der Server hat die Verbindung beendet.",
    "the server closed the connection: a message was too large":
      "Der Server hat die Verbindung beendet: Eine Nachricht war zu groß.",
    "the server closed the connection ({code})": "Der Server hat die Verbindung beendet ({code}).",
    "the server closed the connection: {why}": "Der Server hat die Verbindung beendet: {why}",
    "the server went away": "Der Server ist weg.",
    "the server went away: {why}": "Der Server ist weg: {why}",
    "{there} refuses ({status})": "{there} weist die Verbindung ab ({status}).",
    "{there} refuses ({status}): {why}": "{there} weist die Verbindung ab ({status}): {why}",
    "the connection was lost": "Die Verbindung ist abgerissen.",
    "The server did not answer.": "Der Server hat nicht geantwortet.",
    "Nothing was heard from the server for {seconds} s.":
      "Vom Server kam seit {seconds} s nichts mehr.",
    "{there} did not answer within {seconds} s": "{there} hat {seconds} s lang nicht geantwortet.",
    "no WebSocket to {there}": "{there} ist nicht zu erreichen.",
    "no event came from {there}": "{there} antwortet nicht.",
    "no whole answer from {there}": "{there} hat nicht vollständig geantwortet.",
    "cannot reach {there}: {why}": "{there} ist nicht zu erreichen: {why}",
    "{name}: no answer within {seconds} s": "Der Server hat {seconds} s lang nicht geantwortet.",
    "{name}: the session ended before the answer came":
      "Die Sitzung endete, bevor die Antwort kam.",
  },
};
