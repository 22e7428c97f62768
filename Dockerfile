# leakcheck alone, to be copied into an image that has your app and its Node:
#   COPY --from=leakcheck /leakcheck /usr/local/bin/leakcheck
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /leakcheck ./cmd/leakcheck

FROM scratch
COPY --from=build /leakcheck /leakcheck
ENTRYPOINT ["/leakcheck"]
