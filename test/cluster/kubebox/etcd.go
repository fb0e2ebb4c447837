package main

import (
	"flag"
	"log"
	"net/url"
	"os"
	"os/signal"
	"syscall"

	"go.etcd.io/etcd/server/v3/embed"
)

// runEtcd serves one member until it is told to end. In: flags. Out: it returns when etcd has ended.
// Nothing is forced to disk: a test cluster's data dies with it.
func runEtcd(args []string) {
	flags := flag.NewFlagSet("etcd", flag.ExitOnError)
	folder := flags.String("data-dir", "etcd-data", "folder of its data")
	client := flags.String("listen-client-url", "http://127.0.0.1:2379", "where clients reach it")
	peer := flags.String("listen-peer-url", "http://127.0.0.1:2380", "where other members would reach it")
	_ = flags.Parse(args)

	config := embed.NewConfig()
	config.Dir = *folder
	config.LogLevel = "warn"
	config.UnsafeNoFsync = true
	config.ListenClientUrls = []url.URL{mustParse(*client)}
	config.AdvertiseClientUrls = config.ListenClientUrls
	config.ListenPeerUrls = []url.URL{mustParse(*peer)}
	config.AdvertisePeerUrls = config.ListenPeerUrls
	config.InitialCluster = config.InitialClusterFromName(config.Name)

	server, err := embed.StartEtcd(config)
	if err != nil {
		log.Fatal(err)
	}
	ending := make(chan os.Signal, 1)
	signal.Notify(ending, syscall.SIGINT, syscall.SIGTERM)
	select {
	case <-ending:
	case err := <-server.Err():
		log.Print(err)
	}
	server.Close()
}

func mustParse(text string) url.URL {
	parsed, err := url.Parse(text)
	if err != nil {
		log.Fatal(err)
	}
	return *parsed
}
