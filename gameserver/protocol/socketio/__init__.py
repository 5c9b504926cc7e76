"""Engine.IO v4 and Socket.IO v5 without I/O: packets, and what the server's end may do with them.

Law: bytes and text become values or a `PacketError`; time is an argument. Engine.IO carries
packets over WebSocket or HTTP long-polling. A Socket.IO packet is the data of an Engine.IO message,
followed by one binary message for each attachment.

::

    WebSocket frame, POST body
      │  engine: decode_frame, decode_payload           ▲  encode_frame, encode_payload
      ▼                                                 │
    EnginePacket
      │  engine_session: EngineSession.receive          ▲  EnginePacket(MESSAGE, ...)
      ▼                                                 │
    text or binary of a message
      │  decoder: PacketDecoder.receive                 ▲  packets: encode_packet
      ▼                                                 │
    SocketPacket
      │  socket_session: SocketSession.receive          ▲  SocketSession.accept, emit, answer
      ▼                                                 │
    what the client asks for

Source: the documents "Engine.IO Protocol", version 4, and "Socket.IO Protocol", version 5, of the
Socket.IO project; sections are named where they apply.
"""
