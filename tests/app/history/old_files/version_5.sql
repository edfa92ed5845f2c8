PRAGMA application_id = 1215587176;
PRAGMA user_version = 5;
BEGIN TRANSACTION;
CREATE TABLE bodies (
        id INTEGER PRIMARY KEY,
        hash BLOB NOT NULL UNIQUE,
        data BLOB NOT NULL
    );
INSERT INTO "bodies" VALUES(1,X'6AFE0BAC545B5645A3F8AFA1AACE3E50',X'7175657374696F6E');
INSERT INTO "bodies" VALUES(2,X'4A32CAFFF0F88E10451CCAF18083FB3F',X'3C703E4772C3BCC39F653C2F703E00FF');
INSERT INTO "bodies" VALUES(3,X'115C4B2EAF87F20E6891F523D17FD056',X'626567696E');
CREATE TABLE exchanges (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        session INTEGER NOT NULL,
        tunnel TEXT NOT NULL,
        tunnel_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        method TEXT NOT NULL,
        state TEXT NOT NULL,
        status INTEGER,
        started_ns INTEGER NOT NULL,
        sent_ns INTEGER,
        first_byte_ns INTEGER,
        finished_ns INTEGER,
        request_size INTEGER NOT NULL,
        request_kept INTEGER NOT NULL,
        request_body INTEGER REFERENCES bodies (id),
        response_size INTEGER NOT NULL,
        response_kept INTEGER NOT NULL,
        response_body INTEGER REFERENCES bodies (id),
        replay_of TEXT,
        visitor TEXT NOT NULL,
        upstream TEXT NOT NULL,
        reason TEXT NOT NULL,
        problem_code TEXT,
        problem_title TEXT,
        problem_side TEXT,
        problem_hint TEXT,
        target TEXT NOT NULL,
        public_url TEXT NOT NULL,
        request_headers TEXT NOT NULL,
        response_headers TEXT NOT NULL
    , leak TEXT, rewriting TEXT, relay_ns INTEGER, visitor_request TEXT, delivered TEXT, frames INTEGER NOT NULL DEFAULT 0, frames_lost INTEGER NOT NULL DEFAULT 0, verdict TEXT, pinned INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', imported INTEGER NOT NULL DEFAULT 0, deleted_ns INTEGER, options TEXT, har TEXT);
INSERT INTO "exchanges" VALUES(1,'000000000001',1,'shop','t1','http','POST','done',200,1790000001000000000,1790000001001000001,1790000001002000002,1790000001003000003,8,8,1,16,16,2,NULL,'::1','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/a?b=%20c','http://127.0.0.1:4780/shop/a?b=%20c','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(2,'000000000002',1,'docs','t2','http','GET','done',200,1790000002000000000,1790000002001000001,1790000002002000002,1790000002003000003,0,0,NULL,16,16,2,NULL,'','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/same','http://127.0.0.1:4780/docs/same','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(3,'000000000003',1,'shop','t1','http','GET','done',200,1790000003000000000,1790000003001000001,1790000003002000002,1790000003003000003,0,0,NULL,16,16,2,'000000000001','','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/a','http://127.0.0.1:4780/shop/a','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(4,'000000000004',1,'shop','t1','http','GET','done',200,1790000004000000000,1790000004001000001,1790000004002000002,1790000004003000003,0,0,NULL,5000000,5,3,NULL,'','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/large','http://127.0.0.1:4780/shop/large','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(5,'000000000005',1,'shop','t1','http','PUT','failed',NULL,1790000005000000000,1790000005001000001,1790000005002000002,1790000005003000003,0,0,NULL,0,0,NULL,NULL,'','http://localhost:3000','','upstream_refused','Nothing listens','upstream','Start it.','/refused','http://127.0.0.1:4780/shop/refused','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(6,'000000000006',1,'shop','t1','http','GET','cancelled',206,1790000006000000000,1790000006001000001,1790000006002000002,1790000006003000003,0,0,NULL,0,0,NULL,NULL,'','http://localhost:3000','',NULL,NULL,NULL,NULL,'/left','http://127.0.0.1:4780/shop/left','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(7,'000000000007',1,'shop','t1','websocket','GET','done',101,1790000007000000000,1790000007001000001,1790000007002000002,1790000007003000003,0,0,NULL,0,0,NULL,NULL,'','http://localhost:3000','',NULL,NULL,NULL,NULL,'/socket','http://127.0.0.1:4780/shop/socket','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(8,'000000000008',1,'shop','t1','http','GET','done',200,1790000008000000000,1790000008001000001,1790000008002000002,1790000008003000003,0,0,NULL,16,16,2,NULL,'','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/page','http://127.0.0.1:4780/shop/page','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]','/shop/','{"kind":"html","layers":["L0","L1"],"edits":{"attributes":3},"notes":["cut"]}',NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(9,'000000000009',1,'shop','t1','http','GET','done',200,1790000009000000000,1790000009001000001,1790000009002000002,1790000009003000003,0,0,NULL,16,16,2,NULL,'','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/events','http://127.0.0.1:4780/shop/events','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,1789999999999999995,'{"method":"GET","target":"/shop/events","headers":[["Host","x"]]}','{"status":200,"headers":[["A","b"]],"size":7,"digest":"ab"}',2,1,'fixed',1,'wichtig: größer',1,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(10,'000000000010',1,'shop','t1','http','GET','done',200,1790000010000000000,1790000010001000001,1790000010002000002,1790000010003000003,0,0,NULL,16,16,2,NULL,'','http://localhost:3000','OK',NULL,NULL,NULL,NULL,'/har','http://127.0.0.1:4780/shop/har','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,'{"mode":"spa","host_header":"public","forwarded":"aware","rewrite_oauth":true}','{"versions":["1.1","2"],"server":"::1","connection":"443","sizes":[10,20,30,-1],"timings":{"wait":1.5},"cache":{"beforeRequest":{"hitCount":0}}}');
INSERT INTO "exchanges" VALUES(11,'0000000000rn',1,'shop','t1','http','GET','running',NULL,1790000000000000000,1790000000001000001,1790000000002000002,NULL,0,0,NULL,0,0,NULL,NULL,'','http://localhost:3000','',NULL,NULL,NULL,NULL,'/running','http://127.0.0.1:4780/shop/running','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,NULL,NULL,NULL);
INSERT INTO "exchanges" VALUES(12,'0000000000hd',1,'shop','t1','http','GET','done',200,1790000000000000000,1790000000001000001,1790000000002000002,1790000000003000003,0,0,NULL,0,0,NULL,NULL,'','http://localhost:3000','',NULL,NULL,NULL,NULL,'/hidden','http://127.0.0.1:4780/shop/hidden','[["Host","x"],["X-One","1"],["x-one","grüße"]]','[["Content-Type","text/html"],["Set-Cookie","a=1"],["Set-Cookie","b=2"]]',NULL,NULL,NULL,NULL,NULL,0,0,NULL,0,'',0,1795708939860489259,NULL,NULL);
CREATE TABLE frames (
        exchange TEXT NOT NULL,
        number INTEGER NOT NULL,
        direction TEXT NOT NULL,
        kind TEXT NOT NULL,
        time_ns INTEGER NOT NULL,
        size INTEGER NOT NULL,
        code INTEGER,
        data BLOB NOT NULL
    );
INSERT INTO "frames" VALUES('000000000009',0,'upstream','event',1790000000000000000,3,NULL,X'6F6E65');
INSERT INTO "frames" VALUES('000000000009',1,'upstream','event',1790000000000000000,3,NULL,X'74776F');
CREATE TABLE sessions (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        pid INTEGER NOT NULL,
        process_started REAL NOT NULL,
        opened_ns INTEGER NOT NULL
    );
INSERT INTO "sessions" VALUES(1,14677,1795708939.42,1795708939854318148);
CREATE INDEX exchanges_newest ON exchanges (started_ns);
CREATE INDEX exchanges_newest_of_tunnel ON exchanges (tunnel_id, started_ns);
CREATE INDEX exchanges_replays ON exchanges (replay_of) WHERE replay_of IS NOT NULL;
CREATE INDEX exchanges_running ON exchanges (session) WHERE state = 'running';
CREATE INDEX exchanges_request_body ON exchanges (request_body) WHERE request_body IS NOT NULL;
CREATE INDEX exchanges_response_body ON exchanges (response_body) WHERE response_body IS NOT NULL;
CREATE INDEX exchanges_deleted ON exchanges (deleted_ns) WHERE deleted_ns IS NOT NULL;
CREATE UNIQUE INDEX frames_in_order ON frames (exchange, number);
CREATE TRIGGER frames_go_along AFTER DELETE ON exchanges BEGIN
        DELETE FROM frames WHERE exchange = old.id;
    END;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('sessions',1);
COMMIT;
