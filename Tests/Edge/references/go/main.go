// A net/http server that answers each request with what it has read of it, as JSON in the field Read.
//
// usage: reference
//
// Listens on a port that the system gives out, and prints it.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// request is what was read; bytes become base64, so that all of them survive.
type request struct {
	Method, Target, Version, Host, Body []byte
	Fields                              [][2][]byte
	Error                               string
}

func main() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.TCPAddr).Port)
	server := &http.Server{
		Handler: http.HandlerFunc(answer), ErrorLog: log.New(io.Discard, "", 0),
		// OPTIONS * is for the handler, too.
		DisableGeneralOptionsHandler: true,
	}
	log.Fatal(server.Serve(patient{listener}))
}

// patient is a listener whose connections close so that the client gets to read all answers: a close with unread bytes
// would throw away what has not arrived yet.
type patient struct{ net.Listener }

func (l patient) Accept() (net.Conn, error) {
	accepted, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return connection{accepted.(*net.TCPConn)}, nil
}

type connection struct{ *net.TCPConn }

func (c connection) Close() error {
	c.CloseWrite()
	c.SetReadDeadline(time.Now().Add(5 * time.Second))
	io.Copy(io.Discard, c.TCPConn)
	return c.TCPConn.Close()
}

func answer(w http.ResponseWriter, r *http.Request) {
	read := request{
		Method: []byte(r.Method), Target: []byte(r.RequestURI), Version: []byte(r.Proto), Host: []byte(r.Host),
		Fields: [][2][]byte{},
	}
	for name, values := range r.Header {
		for _, value := range values {
			read.Fields = append(read.Fields, [2][]byte{[]byte(name), []byte(value)})
		}
	}
	body, err := io.ReadAll(r.Body)
	read.Body = body
	if err != nil {
		read.Error = err.Error()
		w.Header().Set("Connection", "close")
	}
	text, err := json.Marshal(read)
	if err != nil {
		log.Fatal(err)
	}
	w.Header()["Date"] = nil
	w.Header().Set("Read", string(text))
}
