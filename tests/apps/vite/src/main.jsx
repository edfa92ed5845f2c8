import { createRoot } from "react-dom/client";
import { createBrowserRouter, RouterProvider } from "react-router";
import { Layout } from "./Layout.jsx";
import { Home } from "./Home.jsx";
import { Reader } from "./Reader.jsx";
import "./style.css";

const readers = async () => (await fetch("/readers.json")).json();

const router = createBrowserRouter([
  {
    path: "/",
    element: <Layout />,
    hydrateFallbackElement: <p>Loading</p>,
    children: [
      { index: true, element: <Home /> },
      {
        path: "readers/:id",
        loader: async ({ params }) => (await readers()).find((reader) => reader.id === params.id),
        element: <Reader />,
      },
      { path: "about", lazy: () => import("./About.jsx") },
      { path: "*", element: <h1>No such page</h1> },
    ],
  },
]);

createRoot(document.getElementById("root")).render(<RouterProvider router={router} />);
